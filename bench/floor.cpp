// The kernel's own part of `run true` with configs/runc.json on cgroup v1: the same cgroups, namespaces, mounts, devices and masks, with
// nothing planned, checked or recorded. Everything that a runtime takes beyond this is its own:
//   build/helpers/spawn build/helpers/floor BUNDLE     in a mount namespace like that of bench/run.mjs
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <sched.h>
#include <string>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace {

const char *const controllers[] = {"cpuset", "devices", "memory", "cpu", "cpuacct", "pids", "blkio", "freezer", "systemd"};

void must(bool done, const std::string &what) {
  if (done) return;
  std::perror(what.c_str());
  _exit(1);
}

void put(const std::string &path, const std::string &text) {
  int file = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  must(file >= 0 && write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()), path);
  close(file);
}

std::string cgroup(const std::string &controller) { return "/sys/fs/cgroup/" + controller + "/floor"; }

std::vector<int> make_cgroups() {
  std::vector<int> tasks;
  for (const char *controller : controllers) {
    must(mkdir(cgroup(controller).c_str(), 0755) == 0, cgroup(controller));
    if (controller == controllers[0]) {
      put(cgroup(controller) + "/cpuset.cpus", "0");
      put(cgroup(controller) + "/cpuset.mems", "0");
    }
    tasks.push_back(open((cgroup(controller) + "/tasks").c_str(), O_WRONLY | O_CLOEXEC));
  }
  put(cgroup("devices") + "/devices.deny", "a");
  for (const char *rule : {"c *:* m", "b *:* m", "c 1:3 rwm", "c 1:8 rwm", "c 1:7 rwm", "c 5:0 rwm", "c 1:5 rwm", "c 1:9 rwm",
                           "c 5:1 rwm", "c 136:* rwm", "c 5:2 rwm"})
    put(cgroup("devices") + "/devices.allow", rule);
  return tasks;
}

void add_mount(const char *type, const char *target, unsigned long flags, const char *data) {
  must(mount(type, target, type, flags, data) == 0, target);
}

void make_devices() {
  struct {
    const char *path;
    unsigned major, minor;
  } const nodes[] = {{"dev/null", 1, 3}, {"dev/random", 1, 8}, {"dev/full", 1, 7},
                     {"dev/tty", 5, 0},  {"dev/zero", 1, 5},   {"dev/urandom", 1, 9}};
  for (const auto &node : nodes) must(mknod(node.path, S_IFCHR | 0666, makedev(node.major, node.minor)) == 0, node.path);
  const char *const links[][2] = {{"pts/ptmx", "dev/ptmx"},
                                  {"/proc/self/fd", "dev/fd"},
                                  {"/proc/self/fd/0", "dev/stdin"},
                                  {"/proc/self/fd/1", "dev/stdout"},
                                  {"/proc/self/fd/2", "dev/stderr"}};
  for (const auto &link : links) must(symlink(link[0], link[1]) == 0, link[1]);
}

void make_mounts() {
  constexpr unsigned long safe = MS_NOSUID | MS_NODEV | MS_NOEXEC;
  add_mount("proc", "proc", 0, nullptr);
  add_mount("tmpfs", "dev", MS_NOSUID | MS_STRICTATIME, "mode=755,size=65536k");
  must(mkdir("dev/pts", 0755) == 0 && mkdir("dev/shm", 0755) == 0 && mkdir("dev/mqueue", 0755) == 0, "dev");
  add_mount("devpts", "dev/pts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620,gid=5");
  add_mount("tmpfs", "dev/shm", safe, "mode=1777,size=65536k");
  add_mount("mqueue", "dev/mqueue", safe, nullptr);
  add_mount("sysfs", "sys", safe | MS_RDONLY, nullptr);
  add_mount("tmpfs", "sys/fs/cgroup", safe, "mode=755");
  for (const char *controller : controllers) {
    std::string target = std::string("sys/fs/cgroup/") + controller;
    must(mkdir(target.c_str(), 0755) == 0 && mount(cgroup(controller).c_str(), target.c_str(), nullptr, MS_BIND, nullptr) == 0,
         target);
    must(mount(nullptr, target.c_str(), nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY | safe, nullptr) == 0, target);
  }
  make_devices();
}

void hide_paths() {
  for (const char *path : {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"}) {
    if (mount(path, path, nullptr, MS_BIND, nullptr) == 0)
      must(mount(nullptr, path, nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) == 0,
           path);
  }
  for (const char *path : {"/proc/keys", "/proc/timer_list"}) mount("/dev/null", path, nullptr, MS_BIND, nullptr);
  for (const char *path : {"/proc/acpi", "/sys/firmware"}) mount("tmpfs", path, "tmpfs", MS_RDONLY, nullptr);
}

[[noreturn]] void become_container(const std::string &root, const std::vector<int> &tasks) {
  for (int file : tasks) must(write(file, "0", 1) == 1, "tasks");
  setsid();
  must(mount(nullptr, "/", nullptr, MS_SLAVE | MS_REC, nullptr) == 0, "/");
  must(mount(root.c_str(), root.c_str(), nullptr, MS_BIND | MS_REC, nullptr) == 0 && chdir(root.c_str()) == 0, root);
  make_mounts();
  must(syscall(SYS_pivot_root, ".", ".") == 0 && umount2(".", MNT_DETACH) == 0 && chdir("/") == 0, "pivot_root");
  must(mount(nullptr, "/", nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY, nullptr) == 0, "/");
  must(sethostname("floor", 5) == 0, "sethostname");
  hide_paths();
  execl("/bin/true", "true", nullptr);
  _exit(1);
}

} // namespace

int main(int count, char **arguments) {
  if (count != 2) return 64;
  std::string root = std::string(arguments[1]) + "/rootfs";
  std::vector<int> tasks = make_cgroups();
  unsigned long flags = CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNS | CLONE_NEWCGROUP | SIGCHLD;
  long pid = syscall(SYS_clone, flags, nullptr, nullptr, nullptr, nullptr);
  must(pid >= 0, "clone");
  if (pid == 0) become_container(root, tasks);
  int status = 0;
  must(waitpid(static_cast<pid_t>(pid), &status, 0) == pid, "waitpid");
  for (const char *controller : controllers) must(rmdir(cgroup(controller).c_str()) == 0, cgroup(controller));
  return status == 0 ? 0 : 1;
}
