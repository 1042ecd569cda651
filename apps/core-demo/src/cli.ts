/** What `--help` prints. */
export const HELP = `core-demo: a small BHIV Core with text agents

Usage: node dist/main.js [--help] [--version]

Everything is set by environment variables:
  CORE_HOST            address to listen on                        127.0.0.1
  CORE_PORT            port, 0 for any free one                    8002
  CORE_DATA_DIR        folder whose documents/ is searched         ./data
  CORE_AGENTS_FILE     agents and selection                        config/agents.json
  CORE_SEED            makes task ids and ties repeatable          new at each start
  CORE_MAX_BODY_BYTES  longest body of a task                      524288
  CORE_LOG_LEVEL       trace, debug, info, warn, error, fatal, silent  info
  CORE_BUCKET          off: no events, no snapshots                on
  CORE_SNAPSHOTS       off: what was learnt is not published       on
  CORE_START_FROM      snapshot to begin with, such as :latest     none
  BUCKET_URL           where Bucket is                             http://127.0.0.1:8001

SIGTERM and SIGINT finish what is in flight and stop.
`;
