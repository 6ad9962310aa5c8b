// The plan, as pocker-init verifies it: if it passes, all its fields can be read.
#include "../init/plan.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char *data, std::size_t size) {
  if (const pocker::plan::InitPlan *verified = pocker::init::verified_plan(data, size)) {
    pocker::plan::InitPlanT plan;
    verified->UnPackTo(&plan);
  }
  return 0;
}
