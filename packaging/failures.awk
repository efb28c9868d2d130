# Of a log of ctest: every test that failed, with what it says of the failure, or with its last lines.
function tell(   i, marked, said, traced) {
  print "-- " name ", failed after " time " s"
  for (i = 1; i <= lines && said < 40; i++) {
    if (line[i] ~ /^Traceback/)
      traced = 1
    else if (traced && line[i] ~ /^[^ ]/) {
      traced = 0
      marked = i  # what was raised, whatever its class is called
    }
    if (line[i] ~ /^FAIL(!|:)|^ERROR:|^QFATAL|[A-Za-z]+(Error|Exception)(:|$)|runtime error:|^==[0-9]+==ERROR|^Traceback/)
      marked = i
    if (marked && i < marked + 6 && !(traced && line[i] !~ /^ +File|^Traceback/)) {
      print "   " substr(line[i], 1, 400)
      said++
    }
  }
  for (i = lines > 12 ? lines - 12 : 1; !said && i <= lines; i++)
    print "   " substr(line[i], 1, 400)
}

/^[0-9]+\/[0-9]+ Test: / { name = $3 }
/^Output:$/ { lines = 0; over = 0; next }
/^<end of output>/ { over = 1 }
/^Test time =/ { time = $4 }
/^Test Failed/ && over { tell() }
!over && lines < 20000 { line[++lines] = $0 }
