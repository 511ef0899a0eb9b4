/* SPDX-License-Identifier: MIT */
/*
 * illumos/zone.h - functions of what processes are grouped in: projects, zones,
 * pools, contracts, controls, sets; of /proc and of tracing. kern.h has it.
 */
#ifndef TINE__ILLUMOS_ZONE_H
#define TINE__ILLUMOS_ZONE_H

/* --- project.c, zone.c, pool.c, procset.c, prsubr.c, contract.c --- */
kproject_t *project_hold_by_id(projid_t id, zone_t *zone);
void project_unlimited(kproject_t *kpj);
void project_rele(kproject_t *kpj);
task_t *task_change(proc_t *p, task_t *tk);
uint64_t task_usage(task_t *tk);
int64_t tasksys(const uint64_t args[5]);
zone_t *zone_find(zoneid_t id);
void zone_init_exit(proc_t *p);
void zones_halt(void);
void zones_fini(void);
int64_t zonesys(const uint64_t args[5]);
pool_t *pool_find(int id);
void pools_fini(void);
int64_t poolsys(const uint64_t args[5]);
bool procset_means(const proc_t *p, int idtype, int id);
bool procset_sees(const proc_t *p);
int64_t sigsendsys(const uint64_t args[5]);
proc_t *pr_find(pid_t pid);
proc_t *sprlock(pid_t pid);
void sprunlock(proc_t *p);
proc_t *prlock(pid_t pid);
void prunlock(proc_t *p);
int prown(pid_t pid);
int prdisown(pid_t pid);
void prdisown_all(kthread_t *t);
bool pr_permits(const proc_t *p);
bool pr_isstopped(const kthread_t *t);
bool pr_all_stopped(const proc_t *p);
int64_t pr_flags(const proc_t *p);
void pr_run_lwps(proc_t *p);
int64_t pr_agent(proc_t *p, const void *user);
int pr_wait_stop(proc_t *p, pid_t pid);
void pr_stop_lwps(proc_t *p);
int64_t prsys(const uint64_t args[5]);
void corectl_path_hold(corectl_path_t *ccp);
void corectl_path_rele(corectl_path_t *ccp);
void corectl_fork(proc_t *p, proc_t *cp);
int64_t corectl(const uint64_t args[5]);
int64_t priocntlsys(const uint64_t args[5]);
kmutex_t *tid_lock(const proc_t *p, il_id_t lwpid);
int64_t lwp_parksys(const uint64_t args[5]);
void contract_process_sig(proc_t *p, int sig);
void contract_process_core(proc_t *p, int sig);
void contract_process_hwerr(proc_t *p);
cont_process_t *ctprocess(contract_t *ct);
contract_t *contract_mine(uint32_t id, bool take);
void contract_abandon(contract_t *ct, proc_t *p);
void contract_rele(contract_t *ct);
bool project_contracts(kproject_t *kpj, proc_t *p, int by, bool canfail);
int64_t ctsys(const uint64_t args[5]);
int64_t rctlsys(const uint64_t args[5]);

/* --- caps.c --- */
bool capped(const proc_t *p);
void cap_process(proc_t *p);
void cap_project(kproject_t *kpj);
void cap_tick(kthread_t *t);
void cap_wait(kthread_t *t);

/* --- src/rctl --- */
void rctl_val_add(rctl_set_t *set, unsigned control, uint8_t privilege,
    uint64_t value, uint8_t action, uint8_t signal, pid_t recipient);
void rctl_set_callbacks(rctl_set_t *set, rctl_entity_t entity, void *of);
int rctl_find(const char *name);
rctl_entity_t rctl_entity(unsigned control);
unsigned rctl_flags(unsigned control);
unsigned rctl_first(rctl_entity_t entity, unsigned *end);
/* open.c, itimer.c, usage.c */
void cpu_watch(proc_t *p);
uint64_t proc_usage(const proc_t *p, struct il_usage *sum);
int rctl_set_test(rctl_set_t *set, unsigned control, void *of, proc_t *p,
    uint64_t usage, uint64_t inc);
void rctl_deliver(void);
rctl_alloc_gp_t *rctl_gp_alloc(uint32_t nvals);
void rctl_gp_free(rctl_alloc_gp_t *gp);
rctl_alloc_gp_t *rctl_set_spare(rctl_set_t *set);
bool rctl_set_fits(rctl_set_t *set, rctl_alloc_gp_t **gp);
int rctl_val_cmp(const rctl_val_t *a, const rctl_val_t *b);
uint32_t rctl_local_first(const rctl_set_t *set, unsigned control);
uint32_t rctl_local_next(const rctl_set_t *set, uint32_t at);
int rctl_local_insert(rctl_set_t *set, const rctl_val_t *new);
void rctl_local_delete(rctl_set_t *set, uint32_t at);
void rctl_set_changed(rctl_set_t *set, rctl_entity_t entity, void *of);
void rctl_set_tearoff(rctl_set_t *set, rctl_entity_t entity, void *of,
    const proc_t *p);
bool rctl_test_entity(rctl_set_t *set, unsigned control, void *of, proc_t *p,
    uint64_t usage, uint64_t ctl, uint64_t inc);
const char *rctl_name(unsigned control);
uint64_t rctl_maximum(unsigned control);
void rctl_log(unsigned control, const rctl_val_t *v, const proc_t *p);

/* --- helper.c: what DTrace keeps for a process --- */
void fasttrap_fork(proc_t *p, proc_t *cp);
void dtrace_helper_add(proc_t *p);
void dtrace_helpers_duplicate(proc_t *p, proc_t *cp);
void dtrace_helpers_cleanup(proc_t *p);
void dtrace_helpers_lose(proc_t *p);
int dtrace_module_unload(pid_t pid);
int dtrace_probe_enable(pid_t pid);
void nprocs_dec(task_t *tk, zone_t *zone);
void launch(proc_t *cp);

#endif
