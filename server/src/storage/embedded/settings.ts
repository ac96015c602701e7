export const superuser = 'aside';

/** What PostgreSQL's programs see of our environment: nothing that could steer them (`PG…`, `LC_…`). */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const { PATH, SystemRoot } = process.env;
  return { ...(PATH && { PATH }), ...(SystemRoot && { SystemRoot }), LC_ALL: 'C', TZ: 'UTC' };
}

// Settings are given on the command line, so that they hold whatever the files in the data folder say.

const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  password_encryption: 'scram-sha-256',

  // A message that was answered is on the disk. These three are the promise.
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',

  // A small server that shares its machine with Node.
  max_connections: '100',
  shared_buffers: '128MB',
  effective_cache_size: '512MB',
  maintenance_work_mem: '64MB',
  wal_compression: 'on',
  max_wal_size: '1GB',
  jit: 'off',
  // Containers often have 64 MB of shared memory, which one parallel query can fill; ours are short.
  max_parallel_workers_per_gather: '0',

  // A killed client's connection is noticed and its locks are given up.
  tcp_keepalives_idle: '60',
  tcp_keepalives_interval: '10',
  tcp_keepalives_count: '3',

  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
  log_destination: 'stderr',
  logging_collector: 'off',
  // Privacy: ERROR lines would quote statements and values (messages, addresses). "log" leaves them out
  // and keeps what concerns the server itself, and terse leaves out the details.
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_statement: 'none',
  log_min_duration_statement: '-1',
  log_checkpoints: 'off',
  log_autovacuum_min_duration: '-1',
  log_connections: '',
  log_startup_progress_interval: '10s',
};

/** As arguments of `postgres`. */
export const serverSettings = Object.entries(settings).flatMap(([name, value]) => [
  '-c',
  `${name}=${value}`,
]);
