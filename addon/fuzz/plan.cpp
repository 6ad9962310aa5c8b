// The plan, as pocker-init verifies it: if it passes, all its fields can be read.
#include <cstddef>
#include <cstdint>

#include "plan_generated.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char *data, std::size_t size) {
  flatbuffers::Verifier verifier(data, size, 64, 10'000'000);
  if (!pocker::plan::VerifyInitPlanBuffer(verifier)) return 0;
  pocker::plan::InitPlanT plan;
  pocker::plan::GetInitPlan(data)->UnPackTo(&plan);
  return 0;
}
