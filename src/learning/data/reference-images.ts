/** What the classifier would have been trained on, taken on the way from a camera's pictures. */
import type { Size } from '../../domain/frame.ts';
import type { Card } from '../../model/card.ts';
import type { ImageFile } from './image-set.ts';
import type { Change } from './load-frames.ts';
import { referenceImage } from './reference-resize.ts';

/** Leaves the pictures as they are, and writes each, resized as in training, to `images`. */
export function takeReference(card: Card, native: Size, images: ImageFile): Change {
  return async function* (pictures) {
    for await (const pixels of pictures) {
      await images.append(referenceImage(pixels, native, card));
      yield pixels;
    }
  };
}
