# One coxph fit of the rows in an RDS file: a line of JSON with CPU seconds of the fit, peak MB and coefficients.
suppressMessages(library(survival))
d <- readRDS(commandArgs(TRUE)[1])
before <- proc.time()
fit <- coxph(Surv(start, stop, event) ~ ., data = d, ties = "efron")
used <- proc.time() - before
peak <- as.numeric(gsub("[^0-9]", "", grep("VmHWM", readLines("/proc/self/status"), value = TRUE))) / 1024
cat(sprintf('{"cpu": %f, "wall": %f, "mb": %f, "found": [%s]}\n', used[["user.self"]] + used[["sys.self"]],
            used[["elapsed"]], peak, paste(sprintf("%.17g", coef(fit)), collapse = ", ")))
