// Converts QuickJS values to plain ones (addon/host/value.h) and back.
#pragma once

#include <quickjs.h>

#include "../host/value.h"

namespace pocker::quickjs {

host::Value from_js(JSContext *context, JSValueConst value);
JSValue to_js(JSContext *context, const host::Value &value);

/// Throws what src/host/failure.ts calls a HostFailure.
JSValue throw_failure(JSContext *context, const host::Failure &failure);

} // namespace pocker::quickjs
