/** The packages whose import is timed, each behind the import that a program would write. */
export const IMPORTS = {
  client: () => import('@bhiv/bucket-client'),
  axios: () => import('axios'),
};

export type ImportName = keyof typeof IMPORTS;
