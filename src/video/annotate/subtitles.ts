/** Cues as an ASS subtitle file (Advanced SubStation Alpha v4+). */

export interface Cue {
  readonly fromSeconds: number;
  readonly toSeconds: number;
  readonly text: string;
}

/** Positions and sizes below are of a picture of this height; libass scales them to the real one. */
const header = `[Script Info]
ScriptType: v4.00+
PlayResX: 1280
PlayResY: 720
WrapStyle: 0
ScaledBorderAndShadow: yes

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, OutlineColour, BackColour, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV
Style: Default,sans-serif,40,&H00FFFFFF,&H60000000,&H60000000,3,8,0,1,32,32,28

[Events]
Format: Layer, Start, End, Style, Text
`;

/** Cues that last less than a hundredth of a second, the format's resolution, are left out. */
export function subtitles(cues: readonly Cue[]): string {
  return header + cues.filter(lasts).map(dialogue).join('');
}

function dialogue({ fromSeconds, toSeconds, text }: Cue): string {
  return `Dialogue: 0,${timeCode(fromSeconds)},${timeCode(toSeconds)},Default,${escapeText(text)}\n`;
}

function lasts({ fromSeconds, toSeconds }: Cue): boolean {
  return hundredths(toSeconds) > hundredths(fromSeconds);
}

/** H:MM:SS.cc */
function timeCode(seconds: number): string {
  const total = hundredths(seconds);
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  return `${Math.floor(total / 360_000)}:${two((total / 6000) % 60)}:${two((total / 100) % 60)}.${two(total % 100)}`;
}

function hundredths(seconds: number): number {
  return Math.max(0, Math.round(seconds * 100));
}

/** Braces begin style overrides, a backslash an escape: an invisible joiner behind it makes it plain. */
function escapeText(text: string): string {
  return text.replaceAll('\\', '\\\u2060').replaceAll('{', '\\{').replaceAll('}', '\\}').replace(/\r?\n/g, '\\N');
}
