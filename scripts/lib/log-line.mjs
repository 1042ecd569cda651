const LEVELS = { 10: 'TRACE', 20: 'DEBUG', 30: 'INFO', 40: 'WARN', 50: 'ERROR', 60: 'FATAL' };

/** A line of pino's JSON log as people read it: time, level, message, then the other fields. Others stay as they are. */
export function readable(line) {
  const entry = parsed(line);
  if (entry === undefined || !(entry.level in LEVELS)) return line;
  const { level, time, msg, pid, hostname, ...fields } = entry;
  const clock = new Date(time).toTimeString().slice(0, 8);
  const rest = Object.entries(fields).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return [clock, LEVELS[level].padEnd(5), msg, ...rest].filter((part) => part !== undefined).join(' ');
}

function parsed(line) {
  try {
    const value = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
