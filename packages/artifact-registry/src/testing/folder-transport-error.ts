/** What a call of the transport rejects with: the codes are those of the contract and of BucketClient. */
export class FolderTransportError extends Error {
  override readonly name = 'FolderTransportError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
