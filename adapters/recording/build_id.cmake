# SPDX-License-Identifier: Apache-2.0
# cmake -DROOT=dir -DOUT=file -P build_id.cmake: writes the digest of the sources that decide what a
# shard does as a string literal.
set(digests "")
foreach(folder engine adapters)
  file(GLOB_RECURSE sources LIST_DIRECTORIES false RELATIVE ${ROOT}
       ${ROOT}/${folder}/*.cc ${ROOT}/${folder}/*.h ${ROOT}/${folder}/*.fbs)
  list(SORT sources)
  foreach(source IN LISTS sources)
    file(SHA256 ${ROOT}/${source} digest)
    string(APPEND digests "${source} ${digest}\n")
  endforeach()
endforeach()
string(SHA256 id "${digests}")
string(SUBSTRING ${id} 0 16 id)
file(CONFIGURE OUTPUT ${OUT} CONTENT "\"${id}\"\n" @ONLY)
