#include "ui/style/state_words.h"
