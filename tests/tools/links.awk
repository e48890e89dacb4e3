# Prints LINK_<file> and LIBS_<file> for make, from the comments of the same names in the files.
FNR == 1 { kind = "" }
match($0, /\/\* *(LINK|LIBS):/) {
    kind = ($0 ~ /LINK:/) ? "LINK" : "LIBS"
    sub(/^.*\/\* *(LINK|LIBS):/, "")
}
kind != "" {
    last = index($0, "*/") > 0
    if (last)
        sub(/ *\*\/.*$/, "")
    sub(/^ *\* /, "")
    print kind "_" FILENAME " += " $0
    if (last)
        kind = ""
}
