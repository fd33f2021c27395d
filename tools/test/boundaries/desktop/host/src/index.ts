export const desktop = 1;
