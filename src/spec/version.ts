/** The runtime-spec that schema/oci is of: the newest version whose every field is known. */
export const specVersion = '1.3.0';
