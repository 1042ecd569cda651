// Loaded by --import into every process that the benchmarks start: none of them outlives a parent that was killed.
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
