/** Version of the desktop, as the handshake and the frame name it; equal to the package's own (tested). */
export const appVersion = '0.1.0';
