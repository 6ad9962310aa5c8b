// The plan's bytes, until they are known to be one.
#pragma once

#include <cstddef>
#include <cstdint>

#include "plan_generated.h"

namespace pocker::init {

/// The library's verifier (2.0.8) checks that the elements of a vector are inside the buffer, not their alignment.
inline bool is_aligned(const flatbuffers::Vector<std::uint64_t> *words) {
  return words == nullptr || reinterpret_cast<std::uintptr_t>(words->data()) % alignof(std::uint64_t) == 0;
}

inline bool is_aligned(const plan::Step &step) {
  if (const auto *policy = step.operation_as_MemoryPolicy()) return is_aligned(policy->nodes());
  if (const auto *affinity = step.operation_as_CpuAffinity()) return is_aligned(affinity->mask());
  return true;
}

/// Null unless all fields can be read.
inline const plan::InitPlan *verified_plan(const std::uint8_t *bytes, std::size_t size) {
  flatbuffers::Verifier verifier(bytes, size, 64, 10'000'000);
  if (!plan::VerifyInitPlanBuffer(verifier)) return nullptr;
  const plan::InitPlan *plan = plan::GetInitPlan(bytes);
  for (const plan::Step *step : *plan->steps()) {
    if (!is_aligned(*step)) return nullptr;
  }
  return plan;
}

} // namespace pocker::init
