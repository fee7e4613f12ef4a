/** Where the Debian package puts the program; dpkg takes care of the rest. */
export const debianDirectory = '/usr/lib/edge-cls';
