#include "ui/style/paint.h"
