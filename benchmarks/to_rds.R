# A CSV of whole numbers to the RDS file that coxph.R reads: all but the first three columns are factors.
paths <- commandArgs(TRUE)
d <- read.csv(paths[1])
for (name in names(d)[-(1:3)]) d[[name]] <- factor(d[[name]])
saveRDS(d, paths[2], compress = FALSE)
