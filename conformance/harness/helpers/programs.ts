// The helper programs that cases run themselves, in a container or beside it.
import { helper } from './helper.js';

/** A static program that makes system calls by number (syscall.cpp). */
export function syscallProgram(): string {
  return helper('syscall');
}

/** A static program that nests cgroups deeper than the longest possible path (cgroup_tree.cpp). */
export function cgroupTreeProgram(): string {
  return helper('cgroup_tree');
}

/** A static program that reports what it can get of processes that are not the container's (spy.cpp). */
export function spyProgram(): string {
  return helper('spy');
}

/** A static program that takes a session keyring, or reports its own (keyring.cpp). */
export function keyringProgram(): string {
  return helper('keyring');
}

/** A program that says go to a container's gate, or only connects to it (knock.cpp). */
export function knockProgram(): string {
  return helper('knock');
}

/** A static program that sends its argument to $NOTIFY_SOCKET (notify.cpp). */
export function notifyProgram(): string {
  return helper('notify');
}
