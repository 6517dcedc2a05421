# SPDX-License-Identifier: Apache-2.0
# Writes the parts of the page from FROM to OUT, each as a string literal.
set(text "")
foreach(part page.html page.css model.js draw.js page.js tables.html tables.css)
  file(READ ${FROM}/${part} content)
  string(REPLACE "." "_" name ${part})
  string(APPEND text "constexpr std::string_view k_${name} = R\"quorate_part(${content})quorate_part\";\n")
endforeach()
file(WRITE ${OUT} "${text}")
