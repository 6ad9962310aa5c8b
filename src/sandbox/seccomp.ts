// The sandbox's seccomp profile, stricter than docker's. Everything not listed fails with EPERM: modules, mounts, namespaces,
// keyrings, other processes' memory, inotify, io_uring, bpf, perf, userfaultfd, and sockets of any family but Unix, IPv4 and IPv6.
import type { Linux } from '../plan/spec-types.js';

type Seccomp = NonNullable<Linux['seccomp']>;

const allowed = `
  accept accept4 access alarm arch_prctl bind brk chdir chmod chown clock_getres clock_gettime clock_nanosleep close close_range
  connect copy_file_range creat dup dup2 dup3 epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd
  eventfd2 execve execveat exit exit_group faccessat faccessat2 fadvise64 fallocate fchdir fchmod fchmodat fchmodat2 fchown
  fchownat fcntl fdatasync fgetxattr flistxattr flock fork fremovexattr fsetxattr fstat fstatfs fsync ftruncate futex
  futex_waitv futimesat get_robust_list getcpu getcwd getdents getdents64 getegid geteuid getgid getgroups getitimer
  getpeername getpgid getpgrp getpid getppid getpriority getrandom getresgid getresuid getrlimit getrusage getsid getsockname
  getsockopt gettid gettimeofday getuid getxattr ioctl kill lchown
  lgetxattr link linkat listen listxattr llistxattr lremovexattr lseek lsetxattr lstat madvise membarrier memfd_create mincore
  mkdir mkdirat mlock mlock2 mlockall mmap mprotect mremap msync munlock munlockall munmap nanosleep newfstatat open openat
  openat2 pause pidfd_open pidfd_send_signal pipe pipe2 pkey_alloc pkey_free pkey_mprotect poll ppoll prctl pread64 preadv
  preadv2 prlimit64 pselect6 pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv recvfrom recvmmsg recvmsg
  removexattr rename renameat renameat2 restart_syscall rmdir rseq rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo
  rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo sched_get_priority_max sched_get_priority_min sched_getaffinity
  sched_getattr sched_getparam sched_getscheduler sched_rr_get_interval sched_setaffinity sched_yield seccomp select semctl
  semget semop semtimedop sendfile sendmmsg sendmsg sendto set_robust_list set_tid_address setfsgid setfsuid setgid setgroups
  setitimer setpgid setpriority setregid setresgid setresuid setreuid setrlimit setsid setsockopt setuid setxattr shmat shmctl
  shmdt shmget shutdown sigaltstack signalfd signalfd4 socketpair splice stat statfs statx symlink symlinkat sync
  sync_file_range syncfs sysinfo tee tgkill time timer_create timer_delete timer_getoverrun timer_gettime timer_settime
  timerfd_create timerfd_gettime timerfd_settime times tkill truncate umask uname unlink unlinkat utime utimensat utimes vfork
  vmsplice wait4 waitid write writev
`;

const EPERM = 1;
const ENOSYS = 38;
/** CLONE_NEW* of namespaces(7). */
const namespaceFlags = 0x7e02_0080;
/** Linux's own, and those that 32-bit programs ask for; the last one queries the current one. */
const personalities = [0, 8, 0x2_0000, 0x2_0008, 0xffff_ffff];
const families = [1, 2, 10];

const equal = (index: number, value: number) => ({ index, value, op: 'SCMP_CMP_EQ' as const });

export const profile: Seccomp = {
  defaultAction: 'SCMP_ACT_ERRNO',
  defaultErrnoRet: EPERM,
  syscalls: [
    { names: allowed.trim().split(/\s+/), action: 'SCMP_ACT_ALLOW' },
    ...personalities.map((value) => ({ names: ['personality'], action: 'SCMP_ACT_ALLOW' as const, args: [equal(0, value)] })),
    ...families.map((family) => ({ names: ['socket'], action: 'SCMP_ACT_ALLOW' as const, args: [equal(0, family)] })),
    {
      names: ['clone'],
      action: 'SCMP_ACT_ALLOW',
      args: [{ index: 0, value: namespaceFlags, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }],
    },
    // A filter cannot see its flags; C libraries fall back to clone.
    { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS },
  ],
};
