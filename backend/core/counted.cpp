#include "core/counted.h"

#include "core/units.h"

namespace sluice {

QString formOf(qint64 count, const QString& one, const QString& many)
{
    return count == 1 ? one : many;
}

QString counted(qint64 count, const QString& one, const QString& many)
{
    return formatCount(count) + ' ' + formOf(count, one, many);
}

QString counted(qint64 count, const QString& one)
{
    return counted(count, one, one + 's');
}

}  // namespace sluice
