#include "ui/style/sluice_style.h"
