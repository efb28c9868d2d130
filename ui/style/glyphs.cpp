#include "ui/style/glyphs.h"
