# SPDX-License-Identifier: Apache-2.0
"""Words that have no place in engine/, adapters/ and sim/, each with what to use instead. Comments and
strings do not count."""

import re

import source_tree

FOLDERS = ("engine", "adapters", "sim")

# In front of a call; a name of a type there makes it a declaration of something of our own.
_CALL = r"(?:^|[^\w\s.>:]|\breturn\b|::|\bstd::)\s*"

# Word, replacement.
BANNED = [
    (r"\b(system_clock|steady_clock|high_resolution_clock|utc_clock|file_clock)\b",
     "times come in with the events, as values of engine/base/time.h"),
    (r"\bstd::(jthread|thread|async|this_thread)\b", "threads belong to io/"),
    (r"\b(thread_local|__thread)\b", "state belongs to an object that somebody owns"),
    (r"\bstd::(mutex|shared_mutex|recursive_mutex|lock_guard|unique_lock|scoped_lock|"
     r"condition_variable\w*|atomic\w*|once_flag|call_once|latch|barrier|counting_semaphore)\b",
     "a shard is single-threaded; queues between threads belong to io/"),
    (r"\babsl::(Now|Time|Duration|Mutex\w*|Notification|call_once|SleepFor|Clock|GetCurrentTimeNanos)\b",
     "no clock and no lock of Abseil: engine/base/time.h; queues of io/"),
    (r"\babsl::(BitGen|InsecureBitGen|Uniform\w*|Bernoulli|Gaussian)\b",
     "KeyedHash or Prng of engine/base/random.h"),
    (r"\bstd::(random_device|mt19937\w*|minstd_rand0?|default_random_engine|shuffle|sample|"
     r"\w+_distribution)\b",
     "KeyedHash or Prng of engine/base/random.h; every library draws otherwise"),
    (r"\babsl::(flat_hash|node_hash)_(map|set)\b",
     "std::map, absl::btree_map or the keyspace's own table: these are salted per process"),
    (r"\bunordered_(map|set|multimap|multiset)\b",
     "std::map, absl::btree_map or the keyspace's own table"),
    (r"\b(std|absl)::[Hh]ash\b", "Digest of engine/hash/digest.h: stable everywhere"),
    (r"\b(shared_ptr|weak_ptr|make_shared|enable_shared_from_this)\b",
     "unique_ptr and one owner, references for the others"),
    (r"\babsl::Cord\b", "Bytes: a Cord samples by state of the thread"),
    (_CALL + r"(rand|srand|random|drand48|rand_r|arc4random\w*)\s*\(",
     "KeyedHash or Prng of engine/base/random.h"),
    (_CALL + r"(getenv|secure_getenv|setenv|putenv)\s*\(",
     "settings are values given at construction"),
    (_CALL + r"(clock\s*\(\s*\)|(time|clock_gettime|gettimeofday|localtime\w*|gmtime\w*|mktime|"
     r"strftime|nanosleep|usleep|sleep)\s*\()",
     "times come in with the events, as values of engine/base/time.h"),
    (_CALL + r"(strerror\w*|setlocale|atof|strtod|strtof|strtold|stod|stof|stold)\s*\(",
     "std::from_chars and own words: these depend on the locale and the library"),
    (r"\bstd::(locale|stringstream|ostringstream|istringstream|regex)\b",
     "Format, std::from_chars and std::to_chars: these depend on the locale"),
    (r"\b(long\s+double|__float128)\b", "double: this differs between machines"),
]

# sim/tool is a program for people: it measures how long a run took, and threads are still banned.
ALLOWED = [
    ("sim/tool/", "steady_clock"),
    # Redis's INCRBYFLOAT counts in it, and clients see its digits.
    ("engine/commands/float_text", "long double"),
    ("engine/commands/number_commands", "long double"),
    ("engine/commands/hash_number_commands", "long double"),
]


def allowed(path, found):
    return any(path.startswith(prefix) and word in found for prefix, word in ALLOWED)


def check_text(path, code):
    problems = []
    code = source_tree.without_comments_and_strings(code)
    for pattern, replacement in BANNED:
        for match in re.finditer(pattern, code, re.MULTILINE):
            found = re.sub(r"\s+", " ", match.group(0)).strip()
            if allowed(path, found):
                continue
            line = code.count("\n", 0, match.end()) + 1
            word = re.search(r"[\w:]+( double)?\W*$", found).group(0).rstrip("( ")
            problems.append(f"{path}:{line}: {word}: {replacement}")
    return problems


def check(root):
    problems = []
    for path in source_tree.files(root, FOLDERS):
        problems += check_text(path, source_tree.text(root, path))
    return problems


if __name__ == "__main__":
    source_tree.main("words_test", check)
