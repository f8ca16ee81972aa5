/** Paths in a 24 × 24 box, drawn with round strokes. */
export const door = "M6 21V10a6 6 0 0 1 12 0v11M3.5 21h17M14.2 14.6h.01";
export const close = "M6 6l12 12M18 6L6 18";
export const send = "M12 19V5M5.5 11.5L12 5l6.5 6.5";
export const down = "M12 5v14M5.5 12.5L12 19l6.5-6.5";
