/** The runtime-spec version of schema/oci: the newest one whose every field is known. */
export const specVersion = '1.3.0';
