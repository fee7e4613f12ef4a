/**
 * How a picture is stored, by the numbers of EXIF: the second of each pair is mirrored. 1, 2: upright; 3, 4: upside down;
 * 5 to 8: on its side.
 */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** Whether width and height change places when it is turned upright. */
export function isTransposed(orientation: Orientation): boolean {
  return orientation >= 5;
}
