/** Names of headers, query parameters and fields of a body whose value is a secret. */
export const SECRET_NAME: RegExp =
  /(?:^|[-_])(?:auth|jwt|pwd)(?:$|[-_])|authorization|access_?token|^token$|[-_]token$|auth_?token|(?<!idempotency[-_]?)key$|secret|passw|credential/i;
