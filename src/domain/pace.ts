/** `whole`: every frame, as fast as it goes. `live`: at the source's pace, and who is late loses frames. */
export const paces = ['auto', 'live', 'whole'] as const;
export type Pace = (typeof paces)[number];
