# Of a log of ctest: every test that failed, with what it says of the failure, or with its last lines.
# -v run=TITLE says which run of the tests it was.
function tell(   i, from, marked, count, traced, kept) {
  print "-- " (run ? run ": " : "") name ", failed after " time " s"
  for (i = 1; i <= lines; i++) {
    if (line[i] ~ /^Traceback/)
      traced = 1
    else if (traced && line[i] ~ /^[^ ]/) {
      traced = 0
      marked = i  # what was raised, whatever its class is called
    }
    if (line[i] ~ /^FAIL(!|:)|^ERROR:|^QFATAL|[A-Za-z]+(Error|Exception)(:|$)|runtime error:|^==[0-9]+== ?ERROR|^broken promise|^Traceback/)
      marked = i
    if (marked && i < marked + 6 && !(traced && line[i] !~ /^ +File|^Traceback/))
      kept[++count] = substr(line[i], 1, 400)
  }
  for (i = lines > 12 ? lines - 12 : 1; !marked && i <= lines; i++)
    kept[++count] = substr(line[i], 1, 400)
  from = count > 40 ? count - 39 : 1  # the failure itself stands behind what led to it
  if (from > 1)
    print "   ... " (from - 1) " lines before"
  for (i = from; i <= count; i++)
    print "   " kept[i]
}

/^[0-9]+\/[0-9]+ Test: / { name = $3; begins = 1 }
/^Output:$/ && begins { lines = 0; over = 0; begins = 0; next }
/^<end of output>/ { over = 1 }
/^Test time =/ { time = $4 }
/^Test (Failed|Timeout)/ && over { tell() }
!over { line[++lines] = $0 }
