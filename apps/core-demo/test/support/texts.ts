/** A text with a clear centre: most sentences share words with the first. */
export const PLAIN = `Bucket stores the events of Core on disk. Core sends events to Bucket after every task.
Events that Bucket has stored survive a crash of Bucket. Yesterday it rained in the mountains.

A crash of Bucket never stops Core, and Core never waits for Bucket. The disk of Bucket may be full.`;

export const MARKDOWN = `# Events

[![build](https://example.org/badge.svg)](https://example.org)

Bucket stores events. Core writes events after every task.

## Reading

Core may read a context before a task. The context never changes an answer.

\`\`\`js
const secret = 'code is not prose';
\`\`\`

| column | value |
|---|---|
| cell | words in a table |

## Writing

- Writes never block Core.
- Writes never throw errors into Core.
`;
