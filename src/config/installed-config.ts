/** Where `edge-cls install` puts the configuration. */
export const installedConfig = '/etc/edge-cls/config.yaml';
