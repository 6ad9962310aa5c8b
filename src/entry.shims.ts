// What QuickJS lacks of what libraries expect. Every entry of a standalone executable imports it first.

interface Engine {
  encodeText(text: string): Uint8Array;
  decodeText(bytes: Uint8Array): string;
  TextEncoder: unknown;
  TextDecoder: unknown;
}
const engine = globalThis as unknown as Engine;

// FlatBuffers needs these two.
engine.TextEncoder = class {
  encode(text: string): Uint8Array {
    return engine.encodeText(text);
  }
};
engine.TextDecoder = class {
  decode(bytes: Uint8Array): string {
    return engine.decodeText(bytes);
  }
};

// Its seed would be that of the build.
Reflect.deleteProperty(Math, 'random');
