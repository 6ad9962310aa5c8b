#include "manager.h"

#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "value.h"

namespace pocker::systemd {
namespace {

constexpr const char *destination = "org.freedesktop.systemd1";
constexpr const char *object = "/org/freedesktop/systemd1";
constexpr const char *interface = "org.freedesktop.systemd1.Manager";

/// The parent ends this program at the deadline: calls have none of their own.
constexpr std::uint64_t for_ever = UINT64_MAX;

struct Message {
  sd_bus_message *get = nullptr;
  ~Message() { sd_bus_message_unref(get); }
};

struct Error {
  sd_bus_error get = SD_BUS_ERROR_NULL;
  ~Error() { sd_bus_error_free(&get); }
};

Trouble from_errno(const char *what, int error) { return {"errno", std::string(what) + ": " + std::strerror(-error)}; }

Trouble judge(const char *what, const Error &error, int result) {
  if (result >= 0) return {};
  if (error.get.name == nullptr) return from_errno(what, result);
  return {error.get.name, error.get.message == nullptr ? "" : error.get.message};
}

/// The job being waited for, and how it ended.
struct Job {
  std::string path, result;
};

int job_removed(sd_bus_message *signal, void *data, sd_bus_error *) {
  Job &job = *static_cast<Job *>(data);
  std::uint32_t id = 0;
  const char *path = nullptr, *unit = nullptr, *result = nullptr;
  if (sd_bus_message_read(signal, "uoss", &id, &path, &unit, &result) < 0) return 0;
  if (job.path == path) job.result = result;
  return 0;
}

int wait_for(sd_bus *bus, const Job &job) {
  while (job.result.empty()) {
    int done = sd_bus_process(bus, nullptr);
    if (done == 0) done = sd_bus_wait(bus, for_ever);
    if (done < 0 && done != -EINTR) return done;
  }
  return 0;
}

} // namespace

Trouble Manager::connect(std::string_view kind, const char *address) {
  sd_bus *bus = nullptr;
  int result = sd_bus_new(&bus);
  if (result >= 0) result = sd_bus_set_address(bus, address);
  if (result >= 0) result = sd_bus_set_bus_client(bus, kind == "bus");
  if (result >= 0) result = sd_bus_start(bus);
  if (result >= 0) {
    bus_ = bus;
    return {};
  }
  sd_bus_unref(bus);
  return from_errno(address, result);
}

int Manager::new_call(sd_bus_message *&call, const char *method) const {
  return sd_bus_message_new_method_call(bus_, &call, destination, object, interface, method);
}

/// 252 of "252.38-1~deb12u1"; 0 if the manager does not say.
unsigned long Manager::version() {
  if (version_ != 0) return version_;
  char *text = nullptr;
  if (sd_bus_get_property_string(bus_, destination, object, interface, "Version", nullptr, &text) < 0) return 0;
  const char *digit = text;
  while (*digit != 0 && std::isdigit(static_cast<unsigned char>(*digit)) == 0) ++digit;
  version_ = std::strtoul(digit, nullptr, 10);
  std::free(text);
  return version_;
}

int Manager::append_property(sd_bus_message *call, Words &words) {
  const char *name = words.take();
  unsigned long since = words.take_count();
  const char *signature = words.take();
  if (since > version()) return skip_values(signature, words);
  int result = sd_bus_message_open_container(call, SD_BUS_TYPE_STRUCT, "sv");
  if (result >= 0) result = sd_bus_message_append_basic(call, 's', name);
  if (result >= 0) result = sd_bus_message_open_container(call, SD_BUS_TYPE_VARIANT, signature);
  if (result >= 0) result = append_values(call, signature, words);
  if (result >= 0) result = sd_bus_message_close_container(call);
  return result < 0 ? result : sd_bus_message_close_container(call);
}

int Manager::append_properties(sd_bus_message *call, Words &words) {
  unsigned long count = words.take_count();
  int result = sd_bus_message_open_container(call, SD_BUS_TYPE_ARRAY, "(sv)");
  for (unsigned long index = 0; result >= 0 && index < count; ++index) result = append_property(call, words);
  return result < 0 ? result : sd_bus_message_close_container(call);
}

/// Makes a call that returns a job, and waits for the job to end.
Trouble Manager::run_job(sd_bus_message *call) {
  Job job;
  sd_bus_slot *slot = nullptr;
  // Before the call: the job may end before its name is known.
  int result = sd_bus_match_signal(bus_, &slot, nullptr, object, interface, "JobRemoved", job_removed, &job);
  if (result < 0) return from_errno("JobRemoved", result);
  Error error;
  Message reply;
  result = sd_bus_call(bus_, call, for_ever, &error.get, &reply.get);
  const char *path = nullptr;
  if (result >= 0) result = sd_bus_message_read(reply.get, "o", &path);
  Trouble trouble = judge(sd_bus_message_get_member(call), error, result);
  if (!trouble.happened()) {
    job.path = path;
    result = wait_for(bus_, job);
    if (result < 0)
      trouble = from_errno("JobRemoved", result);
    else if (job.result != "done")
      trouble = {"job", job.result};
  }
  sd_bus_slot_unref(slot);
  return trouble;
}

Trouble Manager::start(const char *unit, Words &words) {
  Message call;
  int result = new_call(call.get, "StartTransientUnit");
  if (result >= 0) result = sd_bus_message_append(call.get, "ss", unit, "replace");
  if (result >= 0) result = append_properties(call.get, words);
  if (result >= 0) result = sd_bus_message_append(call.get, "a(sa(sv))", 0);
  return result < 0 ? from_errno("StartTransientUnit", result) : run_job(call.get);
}

Trouble Manager::stop(const char *unit) {
  Message call;
  int result = new_call(call.get, "StopUnit");
  if (result >= 0) result = sd_bus_message_append(call.get, "ss", unit, "replace");
  return result < 0 ? from_errno("StopUnit", result) : run_job(call.get);
}

Trouble Manager::reset(const char *unit) {
  Error error;
  int result = sd_bus_call_method(bus_, destination, object, interface, "ResetFailedUnit", &error.get, nullptr, "s", unit);
  return judge("ResetFailedUnit", error, result);
}

Trouble Manager::attach(const char *unit, const char *cgroup, std::uint32_t pid) {
  Error error;
  int result = sd_bus_call_method(bus_, destination, object, interface, "AttachProcessesToUnit", &error.get, nullptr, "ssau",
                                  unit, cgroup, 1, pid);
  return judge("AttachProcessesToUnit", error, result);
}

Trouble Manager::set(const char *unit, Words &words) {
  Message call;
  int result = new_call(call.get, "SetUnitProperties");
  if (result >= 0) result = sd_bus_message_append(call.get, "sb", unit, 1);
  if (result >= 0) result = append_properties(call.get, words);
  if (result < 0) return from_errno("SetUnitProperties", result);
  Error error;
  result = sd_bus_call(bus_, call.get, for_ever, &error.get, nullptr);
  return judge("SetUnitProperties", error, result);
}

} // namespace pocker::systemd
