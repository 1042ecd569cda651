import { describe, expect, test } from '@jest/globals';
import { draw, taskIdOf } from '../src/seed.ts';
import { RewardHistory } from '../src/selection/reward-history.ts';
import { type Selectable, type SelectionRules, selectAgent } from '../src/selection/select-agent.ts';
import { ucb1 } from '../src/selection/ucb1.ts';
import { readState, writeState } from '../src/snapshots/selector-state.ts';

const AGENTS: Selectable[] = [
  { id: 'light', tags: ['read'], inputTypes: ['text'], weight: 0.5 },
  { id: 'heavy', tags: ['read', 'short'], inputTypes: ['text', 'markdown'], weight: 1 },
  { id: 'finder', tags: ['search'], inputTypes: ['text', 'query'], weight: 0.8 },
];
const RULES: SelectionRules = { exploration: 1, explorationDecay: 0.9, seed: 's' };

function select(
  wish: { agent?: string; inputType?: string; tags?: string[] },
  rewards: [string, number][] = [],
  sequence = 0,
) {
  const history = new RewardHistory();
  for (const [id, reward] of rewards) history.record(id, reward);
  const { agent, selectedBy } = selectAgent(
    AGENTS,
    { inputType: 'text', tags: [], ...wish },
    history,
    RULES,
    sequence,
  );
  return `${agent.id} by ${selectedBy}`;
}

describe('ucb1', () => {
  const arm = (tasks: number, mean: number, weight = 1) => ({ tasks, mean, weight });

  test('tries every arm once before any other', () => {
    expect(ucb1([arm(1, 1), arm(0, 0), arm(0, 0)], 1)).toEqual([1, 2]);
  });

  test('scores by mean and bonus as the paper has it', () => {
    // N = 10: bonuses sqrt(2 ln 10 / 9) = 0.715 and sqrt(2 ln 10 / 1) = 2.146.
    expect(ucb1([arm(9, 0.9), arm(1, 0)], 1)).toEqual([1]);
    expect(ucb1([arm(9, 0.9), arm(1, 0)], 0.6)).toEqual([0]);
  });

  test('without exploration takes the best weighted mean, and all that share it', () => {
    expect(ucb1([arm(5, 0.5), arm(5, 0.9), arm(5, 0.9)], 0)).toEqual([1, 2]);
    expect(ucb1([arm(5, 0.6), arm(5, 0.9, 0.5)], 0)).toEqual([0]);
  });
});

describe('selectAgent goes by', () => {
  test('1. the agent that the task names, whatever was learnt', () => {
    expect(select({ agent: 'light' }, [['heavy', 1]])).toBe('light by agent');
  });

  test('2. UCB1 once a candidate has a past, those without one first', () => {
    expect(select({ tags: ['read'] }, [['heavy', 1]])).toBe('light by ucb1');
    expect(select({ inputType: 'markdown' }, [['heavy', 0]])).toBe('heavy by ucb1');
  });

  test('3. tag while no candidate has a past: the heaviest of those that carry the most of them', () => {
    expect(select({ tags: ['read'] }, [['finder', 1]])).toBe('heavy by tag');
    expect(select({ tags: ['search', 'unknown'] })).toBe('finder by tag');
    expect(select({ tags: ['read', 'short'] }, [['light', 1]])).toBe('heavy by tag');
  });

  test('4. input type when no tag helps: the heaviest that takes it', () => {
    expect(select({})).toBe('heavy by input_type');
    expect(select({ tags: ['unknown'] })).toBe('heavy by input_type');
    expect(select({ inputType: 'query' })).toBe('finder by input_type');
  });

  test('nothing when no agent fits, and says what to do', () => {
    expect(() => select({ agent: 'nobody' })).toThrow(expect.objectContaining({ code: 'unknown_agent' }));
    expect(() => select({ agent: 'nobody' })).toThrow('name one of: light, heavy, finder');
    expect(() => select({ agent: 'light', inputType: 'query' })).toThrow('it takes: text');
    expect(() => select({ inputType: 'audio' })).toThrow(expect.objectContaining({ code: 'no_agent_fits' }));
  });
});

describe('learning', () => {
  test('exploration decays: the better agent takes over, though the other is tried less and less', () => {
    const history = new RewardHistory();
    const chosen: string[] = [];
    for (let sequence = 0; sequence < 200; sequence++) {
      const { agent } = selectAgent(AGENTS, { inputType: 'text', tags: [] }, history, RULES, sequence);
      chosen.push(agent.id);
      history.record(agent.id, agent.id === 'finder' ? 0.9 : 0.4);
    }
    expect(new Set(chosen.slice(0, 20)).size).toBe(3);
    expect(chosen.slice(100).filter((id) => id === 'finder')).toHaveLength(100);
  });

  test('ties are drawn by seed and number: repeatable, and not always the same', () => {
    const drawn = (seed: string) =>
      Array.from({ length: 64 }, (_, sequence) => draw(seed, 'tie', sequence, 3));
    expect(drawn('a')).toEqual(drawn('a'));
    expect(drawn('a')).not.toEqual(drawn('b'));
    expect(new Set(drawn('a'))).toEqual(new Set([0, 1, 2]));
    const winners = Array.from({ length: 32 }, (_, sequence) =>
      select({ tags: [] }, [['heavy', 1]], sequence),
    );
    expect(new Set(winners)).toEqual(new Set(['light by ucb1', 'finder by ucb1']));
  });
});

test('task ids are repeatable, and differ by seed and number', () => {
  expect(taskIdOf('s', 0)).toMatch(/^task-[0-9a-f]{24}$/);
  expect(taskIdOf('s', 0)).toBe(taskIdOf('s', 0));
  expect(new Set([taskIdOf('s', 0), taskIdOf('s', 1), taskIdOf('t', 0), taskIdOf('s1', 0)]).size).toBe(4);
});

describe('a history as a snapshot', () => {
  const history = new RewardHistory();
  for (const [id, reward] of [
    ['light', 0.1],
    ['light', 0.2],
    ['heavy', 1],
  ] as const) {
    history.record(id, reward);
  }

  test('comes back the same, and goes on', () => {
    const back = readState(writeState(history));
    expect(back.rewards).toEqual(history.rewards);
    expect([back.total, back.of('light'), back.of('other')]).toEqual([
      3,
      history.of('light'),
      { tasks: 0, mean: 0 },
    ]);
    back.record('light', 1);
    expect(back.of('light').tasks).toBe(3);
    expect(history.of('light').tasks).toBe(2);
  });

  test.each([
    ['nothing', '', 'no JSON'],
    ['another format', '{"format": "bhiv-core-selector/2", "agents": []}', 'format'],
    ['more reward than tasks', stateOf({ id: 'a', tasks: 2, sum: 3 }), 'a sum of 3 from 2 tasks'],
    ['an agent twice', stateOf({ id: 'a', tasks: 1, sum: 1 }, { id: 'a', tasks: 1, sum: 0 }), 'twice'],
    ['part of a task', stateOf({ id: 'a', tasks: 0.5, sum: 0 }), 'agents.0.tasks'],
    ['no sum', stateOf({ id: 'a', tasks: 1 }), '"sum" is missing'],
  ])('is refused with %s', (_what, text, message) => {
    expect(() => readState(text)).toThrow(message);
  });
});

function stateOf(...agents: object[]): string {
  return JSON.stringify({ format: 'bhiv-core-selector/1', agents });
}
