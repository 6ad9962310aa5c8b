// The plan, as pocker-init verifies it: what passes can be read in all of its fields.
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
