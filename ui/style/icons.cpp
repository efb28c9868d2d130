#include "ui/style/icons.h"
