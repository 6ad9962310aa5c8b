#!/bin/bash
# Process 1 without a service manager: mounts, then the job.
. "${0%/*}/mounts.sh"
bash "$GUEST/job.sh"
