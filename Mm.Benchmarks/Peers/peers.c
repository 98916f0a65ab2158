// What Mm.Core is measured against, in C: a zoned buddy with per-CPU lists of our own, and the loops that drive it and any malloc.
// The buddy does per page what Mm.Core does: a reference count, and checks of flags and counts on the way out and back.
// Built by the benchmark when it runs: gcc -O2 -shared -fPIC -pthread.
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { ORDERS = 11, PCP_ORDERS = 4, BATCH = 63, CHECKED = 0x1ffffff, CHECKED_AT_FREE = 0x1a93e1, BUDDY = 1u << 27 };

struct page { _Atomic int refs; uint32_t flags; int mapcount, next, prev, order; void *mapping, *pad; };
struct list { int first, last, count; };
struct pcp { _Alignas(128) atomic_int lock; int preempt, count, high, factor; long allocs, frees; struct list lists[PCP_ORDERS]; };
struct buddy { struct page *pages; int frames, cpus, low; atomic_int lock; _Atomic int free; struct list areas[ORDERS]; struct pcp *pcps; };

static void push(struct buddy *b, struct list *l, int i) {
    struct page *p = &b->pages[i];
    p->prev = -1; p->next = l->first;
    if (l->first >= 0) b->pages[l->first].prev = i; else l->last = i;
    l->first = i; l->count++;
}
static void push_last(struct buddy *b, struct list *l, int i) {
    struct page *p = &b->pages[i];
    p->next = -1; p->prev = l->last;
    if (l->last >= 0) b->pages[l->last].next = i; else l->first = i;
    l->last = i; l->count++;
}
static void unlink_page(struct buddy *b, struct list *l, int i) {
    struct page *p = &b->pages[i];
    if (p->prev >= 0) b->pages[p->prev].next = p->next; else l->first = p->next;
    if (p->next >= 0) b->pages[p->next].prev = p->prev; else l->last = p->prev;
    l->count--;
}
static void lock(atomic_int *l) {
    while (atomic_load_explicit(l, memory_order_relaxed) || atomic_exchange_explicit(l, 1, memory_order_acquire)) __builtin_ia32_pause();
}
static int try_lock(atomic_int *l) { return !atomic_load_explicit(l, memory_order_relaxed) && !atomic_exchange_explicit(l, 1, memory_order_acquire); }
static void unlock(atomic_int *l) { atomic_store_explicit(l, 0, memory_order_release); }

static void add_free(struct buddy *b, int i, int order) {
    b->pages[i].order = order; b->pages[i].flags |= BUDDY;
    push(b, &b->areas[order], i);
    b->free += 1 << order;
}
static void del_free(struct buddy *b, int i, int order) {
    unlink_page(b, &b->areas[order], i);
    b->pages[i].flags &= ~BUDDY;
    b->free -= 1 << order;
}
static int take_locked(struct buddy *b, int order) {
    for (int o = order; o < ORDERS; o++) {
        int i = b->areas[o].first;
        if (i < 0) continue;
        del_free(b, i, o);
        while (o > order) { o--; add_free(b, i + (1 << o), o); }
        return i;
    }
    return -1;
}
static void give_locked(struct buddy *b, int i, int order) {
    while (order < ORDERS - 1) {
        int other = i ^ (1 << order);
        if (other + (1 << order) > b->frames || !(b->pages[other].flags & BUDDY) || b->pages[other].order != order) break;
        del_free(b, other, order);
        i &= ~(1 << order); order++;
    }
    add_free(b, i, order);
}

struct buddy *buddy_new(int frames, int cpus) {
    struct buddy *b = calloc(1, sizeof *b);
    b->frames = frames; b->cpus = cpus; b->low = frames / 1024;
    size_t bytes = (sizeof(struct page) * (size_t)frames + (2 << 20) - 1) & ~(size_t)((2 << 20) - 1);
    b->pages = aligned_alloc(2 << 20, bytes);
    madvise(b->pages, bytes, MADV_HUGEPAGE);
    memset(b->pages, 0, bytes);
    b->pcps = aligned_alloc(128, sizeof(struct pcp) * cpus);
    memset(b->pcps, 0, sizeof(struct pcp) * cpus);
    for (int o = 0; o < ORDERS; o++) b->areas[o] = (struct list){-1, -1, 0};
    for (int c = 0; c < cpus; c++) {
        b->pcps[c].high = frames / 1024 > 4 * BATCH ? frames / 1024 : 4 * BATCH;
        for (int o = 0; o < PCP_ORDERS; o++) b->pcps[c].lists[o] = (struct list){-1, -1, 0};
    }
    for (int i = 0; i < frames; i++) b->pages[i].mapcount = -1;
    for (int i = frames - 1; i >= 0; i--) give_locked(b, i, 0);
    return b;
}
void buddy_delete(struct buddy *b) { free(b->pages); free(b->pcps); free(b); }

static int bad(struct page *p, uint32_t forbidden) { return p->mapcount != -1 || p->mapping || p->refs != 0 || (p->flags & forbidden); }

static int buddy_get(struct buddy *b, int cpu, int order) {
    int i = -1;
    if (b->free - ((1 << order) - 1) <= b->low) return -1;
    if (order < PCP_ORDERS) {
        struct pcp *c = &b->pcps[cpu];
        c->preempt++;
        if (try_lock(&c->lock)) {
            struct list *l = &c->lists[order];
            c->factor >>= 1;
            if (l->count == 0) {
                int n = BATCH >> order; if (n < 2) n = 2;
                lock(&b->lock);
                for (int k = 0; k < n; k++) { int j = take_locked(b, order); if (j < 0) break; push_last(b, l, j); c->count += 1 << order; }
                unlock(&b->lock);
            }
            i = l->first;
            if (i >= 0) { unlink_page(b, l, i); c->count -= 1 << order; c->allocs++; }
            unlock(&c->lock);
        }
        c->preempt--;
    }
    if (i < 0) { lock(&b->lock); i = take_locked(b, order); unlock(&b->lock); if (i < 0) return -1; }
    for (int k = 0; k < 1 << order; k++) if (bad(&b->pages[i + k], CHECKED)) abort();
    b->pages[i].order = order;
    atomic_store_explicit(&b->pages[i].refs, 1, memory_order_relaxed);
    return i;
}
static void buddy_put(struct buddy *b, int cpu, int i, int order) {
    if (b->pages[i].order != order || atomic_fetch_sub(&b->pages[i].refs, 1) != 1) abort();
    for (int k = 0; k < 1 << order; k++) {
        if (bad(&b->pages[i + k], CHECKED_AT_FREE)) abort();
        b->pages[i + k].flags &= ~CHECKED;
    }
    if (order < PCP_ORDERS) {
        struct pcp *c = &b->pcps[cpu];
        c->preempt++;
        int kept = try_lock(&c->lock);
        if (kept) {
            push(b, &c->lists[order], i);
            c->count += 1 << order; c->frees++;
            if (c->count >= c->high) {
                int n = BATCH << c->factor, most = c->high - BATCH > BATCH ? c->high - BATCH : BATCH;
                if (n < most) c->factor++; else n = most;
                lock(&b->lock);
                for (int o = 0; n > 0 && c->count > 0; o = (o + 1) % PCP_ORDERS) {
                    int j = c->lists[o].last;
                    if (j < 0) continue;
                    unlink_page(b, &c->lists[o], j);
                    give_locked(b, j, o);
                    n -= 1 << o; c->count -= 1 << o;
                }
                unlock(&b->lock);
            }
            unlock(&c->lock);
        }
        c->preempt--;
        if (kept) return;
    }
    lock(&b->lock); give_locked(b, i, order); unlock(&b->lock);
}
int buddy_huge_free(struct buddy *b) {
    for (int c = 0; c < b->cpus; c++) for (int o = 0; o < PCP_ORDERS; o++) for (int i; (i = b->pcps[c].lists[o].first) >= 0;) {
        unlink_page(b, &b->pcps[c].lists[o], i); give_locked(b, i, o); b->pcps[c].count -= 1 << o;
    }
    return b->areas[9].count + 2 * b->areas[10].count;
}

struct peer { struct buddy *buddy; void *(*alloc)(size_t, size_t); void (*release)(void *); };

static inline intptr_t get(struct peer *p, int cpu, int order) {
    if (p->buddy) return buddy_get(p->buddy, cpu, order) + 1;
    return (intptr_t)p->alloc(4096, (size_t)4096 << order);
}
static inline void put(struct peer *p, int cpu, intptr_t block, int order) {
    if (p->buddy) buddy_put(p->buddy, cpu, (int)block - 1, order); else p->release((void *)block);
}
// Processor time of the calling thread: what one waits for others on a busy machine does not count.
double thread_seconds(void) { struct timespec t; clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t); return t.tv_sec + t.tv_nsec * 1e-9; }
// What it takes itself, for loops that are short.
static double clock_cost(void) {
    double least = 1;
    for (int i = 0; i < 1000; i++) { double a = thread_seconds(), b = thread_seconds(); if (b - a < least) least = b - a; }
    return least;
}
static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec + t.tv_nsec * 1e-9; }

double loop_pair(struct peer *p, int cpu, int order, int n) {
    double t = thread_seconds();
    for (int i = 0; i < n; i++) put(p, cpu, get(p, cpu, order), order);
    return (thread_seconds() - t) * 1e9 / n;
}
// So many single blocks, and then all of them back, the first one first.
double loop_several(struct peer *p, int several, int n) {
    intptr_t blocks[several];
    int done = 0;
    double t = thread_seconds();
    for (; done < n; done += several) {
        for (int i = 0; i < several; i++) blocks[i] = get(p, 0, 0);
        for (int i = 0; i < several; i++) put(p, 0, blocks[i], 0);
    }
    return (thread_seconds() - t) * 1e9 / done;
}
static double loop_pair_wall(struct peer *p, int cpu, int order, int n) {
    double t = now();
    for (int i = 0; i < n; i++) put(p, cpu, get(p, cpu, order), order);
    return (now() - t) * 1e9 / n;
}
double loop_stack(int n, int depth) {
    int *stack = malloc(sizeof(int) * depth), top = depth;
    volatile int sink;
    for (int i = 0; i < depth; i++) stack[i] = i;
    double t = thread_seconds();
    for (int i = 0; i < n; i++) { sink = stack[--top]; stack[top++] = sink; }
    t = (thread_seconds() - t) * 1e9 / n;
    free(stack);
    return t;
}
// Allocates n single pages, frees them in the given order: nanoseconds a page for each. As one call for many pages could, it may ask for
// descriptors ahead.
void loop_bulk(struct peer *p, int n, const int *order, int ahead, double *result) {
    intptr_t *all = malloc(sizeof(intptr_t) * n);
    memset(all, 1, sizeof(intptr_t) * n);
    double a = thread_seconds();
    for (int i = 0; i < n; i++) all[i] = get(p, 0, 0);
    double b = thread_seconds();
    if (!ahead) for (int i = 0; i < n; i++) put(p, 0, all[order[i]], 0);
    else for (int i = 0; i < n; i++) {
        if (i + ahead < n) __builtin_prefetch(&p->buddy->pages[all[order[i + ahead]] - 1]);
        put(p, 0, all[order[i]], 0);
    }
    double c = thread_seconds();
    result[0] = (b - a) * 1e9 / n; result[1] = (c - b) * 1e9 / n;
    free(all);
}
struct job { struct peer *p; int cpu, order, n; pthread_barrier_t *start; double ns; };
static void *pair_job(void *arg) {
    struct job *j = arg;
    pthread_barrier_wait(j->start);
    j->ns = loop_pair_wall(j->p, j->cpu, j->order, j->n);
    return 0;
}
double loop_two(struct peer *p, int order, int n) {
    pthread_barrier_t start; pthread_barrier_init(&start, 0, 2);
    struct job jobs[2]; pthread_t threads[2];
    for (int i = 0; i < 2; i++) { jobs[i] = (struct job){p, i, order, n, &start, 0}; pthread_create(&threads[i], 0, pair_job, &jobs[i]); }
    for (int i = 0; i < 2; i++) pthread_join(threads[i], 0);
    return jobs[0].ns > jobs[1].ns ? jobs[0].ns : jobs[1].ns;
}
// One thread allocates a handful, another frees it, in turns; what each waits for the other does not count.
enum { HANDFUL = 256 };
struct crossing { struct peer *p; int turns; intptr_t *blocks; pthread_barrier_t *turn; double seconds; };
static void *consume(void *arg) {
    struct crossing *x = arg;
    for (int t = 0; t < x->turns; t++) {
        pthread_barrier_wait(x->turn);
        double start = thread_seconds();
        for (int i = 0; i < HANDFUL; i++) put(x->p, 1, x->blocks[i], 0);
        x->seconds += thread_seconds() - start;
        pthread_barrier_wait(x->turn);
    }
    return 0;
}
double loop_cross(struct peer *p, int turns) {
    intptr_t blocks[HANDFUL];
    pthread_barrier_t turn; pthread_barrier_init(&turn, 0, 2);
    struct crossing x = {p, turns, blocks, &turn, 0};
    pthread_t thread;
    pthread_create(&thread, 0, consume, &x);
    double mine = 0;
    for (int t = 0; t < turns; t++) {
        double start = thread_seconds();
        for (int i = 0; i < HANDFUL; i++) blocks[i] = get(p, 0, 0);
        mine += thread_seconds() - start;
        pthread_barrier_wait(&turn);
        pthread_barrier_wait(&turn);
    }
    pthread_join(thread, 0);
    return (mine + x.seconds - 2 * turns * clock_cost()) * 1e9 / ((double)turns * HANDFUL);
}
static uint64_t next(uint64_t *s) { *s ^= *s << 13; *s ^= *s >> 7; *s ^= *s << 17; return *s; }
// The same mixture as in Loops.cs: order 0 in 62 of 100, 1 in 15, 2 in 10, 3 in 5, and 4 to 7 in 2 each.
static int pick(uint64_t r) { int x = r % 100; return x < 62 ? 0 : x < 77 ? 1 : x < 87 ? 2 : x < 92 ? 3 : 4 + (x - 92) / 2; }
// Fills to a share of the frames with mixed orders, then replaces random blocks: nanoseconds for a free and an allocation.
double loop_mixed(struct peer *p, int frames, int percent, int n) {
    intptr_t *blocks = malloc(sizeof(intptr_t) * frames);
    uint8_t *orders = malloc(frames);
    uint64_t s = 88172645463325252ull;
    int count = 0;
    long used = 0, limit = (long)frames * percent / 100;
    while (used < limit) {
        int o = pick(next(&s));
        intptr_t block = get(p, 0, o);
        if (!block) break;
        blocks[count] = block; orders[count++] = o; used += 1 << o;
    }
    double t = thread_seconds();
    for (int i = 0; i < n; i++) {
        int at = next(&s) % count, o = pick(next(&s));
        if (blocks[at]) { put(p, 0, blocks[at], orders[at]); used -= 1 << orders[at]; blocks[at] = 0; }
        if (used + (1 << o) <= limit && (blocks[at] = get(p, 0, o))) { orders[at] = o; used += 1 << o; }
    }
    t = (thread_seconds() - t) * 1e9 / n;
    for (int i = 0; i < count; i++) if (blocks[i]) put(p, 0, blocks[i], orders[i]);
    free(blocks); free(orders);
    return t;
}
static int give_random(struct peer *p, intptr_t *blocks, int count, int rest, uint64_t *s) {
    while (count > rest) {
        int at = next(s) % count;
        put(p, 0, blocks[at], 0);
        blocks[at] = blocks[--count];
    }
    return count;
}
// Lets the number of single pages in use swing between a quarter and a half of all, random ones going: how many blocks of order 9 are
// whole at the half, and at the quarter.
void loop_fragment(struct peer *p, int frames, int rounds, int *whole) {
    int half = frames / 2, quarter = frames / 4, count = 0;
    intptr_t *blocks = malloc(sizeof(intptr_t) * half);
    uint64_t s = 88172645463325252ull;
    for (int round = 0; round < rounds; round++) {
        while (count < half) blocks[count++] = get(p, 0, 0);
        if (round == rounds - 1) whole[0] = buddy_huge_free(p->buddy);
        count = give_random(p, blocks, count, quarter, &s);
    }
    whole[1] = buddy_huge_free(p->buddy);
    while (count > 0) put(p, 0, blocks[--count], 0);
    free(blocks);
}
// Takes pages up to the peak, gives random ones back down to the half, and then exchanges a random tenth of what it has, again and again:
// how many blocks of order 9 are whole at the end.
int loop_churn(struct peer *p, int frames, int peak, int rounds) {
    intptr_t *blocks = malloc(sizeof(intptr_t) * frames);
    uint64_t s = 88172645463325252ull;
    int count = 0;
    while (count < peak && (blocks[count] = get(p, 0, 0))) count++;
    count = give_random(p, blocks, count, frames / 2, &s);
    for (int round = 0; round < rounds; round++) {
        count = give_random(p, blocks, count, frames / 20 * 9, &s);
        while (count < frames / 2) blocks[count++] = get(p, 0, 0);
    }
    int whole = buddy_huge_free(p->buddy);
    give_random(p, blocks, count, 0, &s);
    free(blocks);
    return whole;
}

// Minor faults of this kernel, on single pages that were given back before. Not huge ones. result: nanoseconds for a fault that writes
// to fresh memory, one that reads fresh memory (the zero page), and one that writes to a page of a memfd that is in memory.
static double touch(volatile char *m, size_t bytes, int write) {
    double t = thread_seconds();
    if (write) for (size_t i = 0; i < bytes; i += 4096) m[i] = 1;
    else for (size_t i = 0; i < bytes; i += 4096) (void)m[i];
    t = thread_seconds() - t;
    madvise((void *)m, bytes, MADV_DONTNEED);
    return t;
}
void loop_minor_faults(int pages, int times, double *result) {
    size_t bytes = (size_t)pages << 12;
    int file = memfd_create("faults", 0);
    volatile char *fresh = mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    volatile char *shared = ftruncate(file, bytes) ? MAP_FAILED : mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    result[0] = result[1] = result[2] = 0;
    if (fresh == MAP_FAILED || shared == MAP_FAILED) return;
    madvise((void *)fresh, bytes, MADV_NOHUGEPAGE);
    touch(fresh, bytes, 1);
    touch(shared, bytes, 1);
    for (int i = 0; i < times; i++) {
        result[0] += touch(fresh, bytes, 1);
        result[1] += touch(fresh, bytes, 0);
        result[2] += touch(shared, bytes, 1);
    }
    for (int i = 0; i < 3; i++) result[i] *= 1e9 / ((double)pages * times);
    munmap((void *)fresh, bytes);
    munmap((void *)shared, bytes);
    close(file);
}
// Kernel addresses have no peer here but the host's own: map pages, touch none, unmap.
double loop_map(int pages, int n) {
    double t = thread_seconds();
    for (int i = 0; i < n; i++) {
        void *m = mmap(0, (size_t)pages << 12, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        munmap(m, (size_t)pages << 12);
    }
    return (thread_seconds() - t) * 1e9 / n;
}

// pfn_valid() as in the experiment of 2008: a list of segments behind a mutex.
struct segment { uint32_t first, last; struct segment *next; };
struct segments { pthread_mutex_t lock; struct segment *first; };
static struct segments *segments_new(int count) {
    struct segments *s = malloc(sizeof *s);
    pthread_mutex_init(&s->lock, 0);
    s->first = 0;
    for (int i = count - 1; i >= 0; i--) {
        struct segment *g = malloc(sizeof *g);
        *g = (struct segment){ 0x40000 + i * 1024, 0x40000 + i * 1024 + 1023, s->first };
        s->first = g;
    }
    return s;
}
static int __attribute__((noinline)) pfn_valid(struct segments *s, uint32_t pfn) {
    int found = 0;
    pthread_mutex_lock(&s->lock);
    for (struct segment *g = s->first; g && !found; g = g->next) found = g->first <= pfn && pfn <= g->last;
    pthread_mutex_unlock(&s->lock);
    return found;
}
static struct segments *list;
struct ask { const uint32_t *pfns; int count, n; pthread_barrier_t *start; atomic_int *through; double ns; long found; };
static void *ask(void *arg) {
    struct ask *a = arg;
    if (a->start) pthread_barrier_wait(a->start);
    // Of two by the clock: who sleeps until the mutex is free has waited all the same. Each has company until both are through.
    double t = a->start ? now() : thread_seconds();
    for (int i = 0; i < a->n; i++) a->found += pfn_valid(list, a->pfns[i % a->count]);
    a->ns = ((a->start ? now() : thread_seconds()) - t) * 1e9 / a->n;
    if (a->start) for (atomic_fetch_add(a->through, 1); atomic_load(a->through) < 2;) a->found += pfn_valid(list, a->pfns[0]);
    return 0;
}
double loop_pfn_valid(const uint32_t *pfns, int count, int n, int threads) {
    if (!list) list = segments_new(64);
    struct ask asks[2] = { { .pfns = pfns, .count = count, .n = n }, { .pfns = pfns, .count = count, .n = n } };
    if (threads == 1) { ask(&asks[0]); return asks[0].ns; }
    pthread_t t[2]; pthread_barrier_t start; atomic_int through = 0;
    pthread_barrier_init(&start, 0, 2);
    for (int i = 0; i < 2; i++) { asks[i].start = &start; asks[i].through = &through; pthread_create(&t[i], 0, ask, &asks[i]); }
    for (int i = 0; i < 2; i++) pthread_join(t[i], 0);
    pthread_barrier_destroy(&start);
    return asks[0].ns > asks[1].ns ? asks[0].ns : asks[1].ns;
}
