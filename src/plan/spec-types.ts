// The config's types as the planners see them: parts of the generated Spec, under the names that planners use.
import type { Spec } from '../generated/spec.js';

export type { Spec };

export type Process = NonNullable<Spec['process']>;
export type Linux = NonNullable<Spec['linux']>;
export type Resources = NonNullable<Linux['resources']>;
export type Mount = NonNullable<Spec['mounts']>[number];
export type Hooks = NonNullable<Spec['hooks']>;
export type Hook = NonNullable<Hooks['prestart']>[number];
export type Seccomp = NonNullable<Linux['seccomp']>;
export type Device = NonNullable<Linux['devices']>[number];
export type DeviceRule = NonNullable<Resources['devices']>[number];

/** JSON integers above 2^53 arrive as bigint, all others as number. */
export type Integer = number | bigint;
