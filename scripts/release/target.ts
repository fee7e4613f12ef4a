/** A system that a release is for: by the words of npm, and of Debian. */
export interface Architecture {
  readonly node: string;
  readonly debian: string;
}

export const architectures: Readonly<Record<string, Architecture>> = {
  x64: { node: 'x64', debian: 'amd64' },
  arm64: { node: 'arm64', debian: 'arm64' },
};

export interface Release {
  readonly architecture: Architecture;
  readonly version: string;
  /** Seconds since 1970; every file of the release has it. */
  readonly time: number;
  /** A directory that is removed afterwards. */
  readonly work: string;
}

/** Node.js 20.19 and Debian's word for it are the same in `engines` and here: a test compares them. */
export const oldestNode = '20.19';
