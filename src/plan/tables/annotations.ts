// Annotations of config.json that change what the runtime does (features.md, "Unsafe annotations in config.json"): do not let
// strangers write them unknowingly. One that ends with "." is a prefix of names.

export const unsafeAnnotations = {
  systemdProperty: 'org.systemd.property.', // with --systemd-cgroup: a property of the container's unit
  criuConfig: 'org.criu.config', // checkpoint and restore: a file of criu's options
  keepGroups: 'run.oci.keep_original_groups', // crun's, for podman's --group-add keep-groups: the caller's groups stay
} as const;
