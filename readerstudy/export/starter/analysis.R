# Recompute the main figures of a bundle from its reads.csv, without readerstudy.
#
#   Rscript analysis.R            base R alone
#   Rscript analysis.R --models   and the mixed models of lme4 and ordinal, as a
#                                 sensitivity analysis; they may take minutes
#
# It looks for reads.csv, table5.csv, omnibus.csv and pairs.csv beside itself and prints
# for every figure whether it is the same; it ends with status 1 where one is not. A
# place to start from: change it as you like.

script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
if (length(script) == 1) setwd(dirname(normalizePath(script)))
tolerance <- 1e-7
different <- 0

bundle_table <- function(name) {
  read.csv(name, na.strings = "", check.names = FALSE, encoding = "UTF-8")
}

compare <- function(figure, here, bundle) {
  if (length(here) == 0 || length(bundle) == 0 || is.na(bundle) || is.na(here)) {
    cat("left out   ", figure, ": the bundle gives no number, or none is defined\n",
        sep = "")
  } else if (abs(here - bundle) <= tolerance * max(1, abs(bundle))) {
    cat("same       ", figure, ": ", format(here, digits = 6), "\n", sep = "")
  } else {
    different <<- different + 1
    cat("DIFFERENT  ", figure, ": ", format(here, digits = 15), " here, ",
        format(bundle, digits = 15), " in the bundle\n", sep = "")
  }
}

# One row per grade that counts: no repeats, nothing excluded, nothing empty.
counting_reads <- function() {
  reads <- read.csv("reads.csv", colClasses = "character", check.names = FALSE,
                    encoding = "UTF-8")
  reads <- reads[trimws(reads$grade) != "", ]
  if ("repeat" %in% names(reads)) reads <- reads[reads[["repeat"]] %in% c("0", ""), ]
  if ("included" %in% names(reads)) reads <- reads[reads$included %in% c("1", ""), ]
  reads <- reads[c("reader", "case", "arm", "grade")]
  reads[] <- lapply(reads, trimws)
  reads$grade <- toupper(reads$grade)
  reads$success <- as.integer(reads$grade %in% c("A", "B"))
  reads
}

# Blocks of one reader and one case x arms; NA where a grade is missing.
blocks_of <- function(reads, arms) {
  key <- paste(match(reads$case, unique(reads$case)),
               match(reads$reader, unique(reads$reader)))
  rows <- unique(key)
  wide <- matrix(NA_real_, length(rows), length(arms), dimnames = list(rows, arms))
  wide[cbind(match(key, rows), match(reads$arm, arms))] <- reads$success
  first <- match(rows, key)
  list(wide = wide, case = reads$case[first], reader = reads$reader[first])
}

q_statistic <- function(blocks) {
  arms <- ncol(blocks)
  spread <- sum((blocks - rowMeans(blocks))^2)
  if (arms < 2 || spread < 1e-12) return(c(NA, NA))
  sums <- colSums(blocks)
  q <- (arms - 1) * sum((sums - mean(sums))^2) / spread
  c(q, pchisq(q, arms - 1, lower.tail = FALSE))
}

answer <- function(mean, se, df) {
  half <- qt(0.975, df) * se
  list(se = se, df = df, p_value = 2 * pt(abs(mean / se), df, lower.tail = FALSE),
       low = mean - half, high = mean + half)
}

# These readers: case-clustered ratio estimator, t with cases - 1 degrees of freedom.
fixed_readers <- function(difference, case) {
  sums <- tapply(difference, case, sum)
  sizes <- tapply(difference, case, length)
  cases <- length(sums)
  if (cases < 2) return(list())
  mean <- mean(difference)
  se <- sqrt(cases / (cases - 1) * sum((sums - sizes * mean)^2)) / length(difference)
  if (se > 1e-12) answer(mean, se, cases - 1) else list()
}

# Readers like these: two-way analysis of variance, Hillis degrees of freedom.
random_readers <- function(difference, case, reader) {
  d <- tapply(difference, list(case, reader), sum)
  cases <- nrow(d)
  readers <- ncol(d)
  if (anyNA(d) || readers < 2 || cases < 2) return(list())
  mean <- mean(d)
  msr <- cases * sum((colMeans(d) - mean)^2) / (readers - 1)
  msc <- readers * sum((rowMeans(d) - mean)^2) / (cases - 1)
  residual <- d - outer(rowMeans(d), colMeans(d), "+") + mean
  mse <- sum(residual^2) / ((readers - 1) * (cases - 1))
  numerator <- msr + max(msc - mse, 0)
  if (numerator < 1e-12 || msr < 1e-12) return(list())
  answer(mean, sqrt(numerator / (cases * readers)),
         numerator^2 / (msr^2 / (readers - 1)))
}

compare_pair <- function(blocks, first, second, pair) {
  name <- paste(second, "minus", first)
  complete <- !is.na(blocks$wide[, first]) & !is.na(blocks$wide[, second])
  if (!any(complete)) return(invisible())
  difference <- (blocks$wide[, second] - blocks$wide[, first])[complete]
  case <- blocks$case[complete]
  compare(paste0(name, ", difference"), mean(difference), pair$difference)
  b <- sum(difference > 0)
  c <- sum(difference < 0)
  if (b + c > 0) {
    exact <- binom.test(b, b + c)$p.value
    compare(paste0(name, ", McNemar exact"), exact, pair$mcnemar_exact_p)
    mass <- dbinom(b, b + c, 0.5)
    mid <- if (b == c) 1 - mass / 2 else exact - mass
    compare(paste0(name, ", McNemar mid-p"), mid, pair$mcnemar_mid_p)
  }
  fixed <- fixed_readers(difference, case)
  random <- random_readers(difference, case, blocks$reader[complete])
  for (key in c("se", "df", "p_value", "low", "high")) {
    compare(paste0(name, ", these readers, ", key), fixed[[key]],
            pair[[paste0("fixed_readers_", key)]])
    compare(paste0(name, ", readers like these, ", key), random[[key]],
            pair[[paste0("random_readers_", key)]])
  }
}

# A sensitivity analysis alone: with few readers a fit is often singular, or runs away.
# Without the effect of the particular report (case:arm) p values are far too small.
mixed_models <- function(reads, arms) {
  reads$arm <- factor(reads$arm, arms)
  if (requireNamespace("lme4", quietly = TRUE)) {
    fit <- try(suppressMessages(suppressWarnings(lme4::glmer(
      success ~ arm + (1 | case) + (1 | reader) + (1 | case:arm), reads, binomial
    ))), silent = TRUE)
    if (inherits(fit, "try-error")) {
      cat("glmer: not estimable.\n")
    } else {
      spread <- sapply(lme4::VarCorr(fit), function(part) sqrt(part[1, 1]))
      cat("glmer (logistic, random case, reader and report):\n")
      if (lme4::isSingular(fit)) {
        cat("  singular fit, standard deviations", format(spread, digits = 3),
            ": not to be relied on.\n")
      } else if (any(spread > 5)) {
        cat("  standard deviations above 5: the fit ran away and is not to be used.\n")
      } else {
        print(coef(summary(fit)))
      }
    }
  } else {
    cat("glmer: install lme4 for it.\n")
  }
  if (requireNamespace("ordinal", quietly = TRUE)) {
    reads$grade <- factor(reads$grade, c("D", "C", "B", "A"), ordered = TRUE)
    reads$report <- interaction(reads$case, reads$arm, drop = TRUE)
    fit <- try(suppressWarnings(ordinal::clmm(
      grade ~ arm + (1 | case) + (1 | reader) + (1 | report), data = droplevels(reads)
    )), silent = TRUE)
    cat("clmm (cumulative logit of A to D, random case, reader and report):\n")
    if (inherits(fit, "try-error") || any(unlist(ordinal::VarCorr(fit)) > 25)) {
      cat("  not estimable.\n")
    } else {
      print(coef(summary(fit))[grepl("^arm", rownames(coef(summary(fit)))), ,
                               drop = FALSE])
    }
  } else {
    cat("clmm: install ordinal for it.\n")
  }
}

reads <- counting_reads()
table5 <- bundle_table("table5.csv")
success <- table5[table5$row == "A+B", ]
arms <- as.character(success$arm)
for (place in seq_along(arms)) {
  compare(paste("success of", arms[place]),
          sum(reads$success[reads$arm == arms[place]]), success$count[place])
}
if (nrow(reads) > 0) {
  blocks <- blocks_of(reads, arms)
  complete <- blocks$wide[rowSums(is.na(blocks$wide)) == 0, , drop = FALSE]
  of_case <- blocks$case[rowSums(is.na(blocks$wide)) == 0]
  omnibus <- bundle_table("omnibus.csv")
  omnibus <- omnibus[omnibus$outcome == "success", ]
  if (nrow(complete) > 0) {
    found <- list(cochran_q = q_statistic(complete),
                  clustered_q = q_statistic(rowsum(complete, of_case)))
    for (test in names(found)) {
      row <- omnibus[omnibus$test == test, ]
      compare(paste0(test, ", statistic"), found[[test]][1], row$statistic)
      compare(paste0(test, ", p value"), found[[test]][2], row$p_value)
    }
  }
  pairs <- bundle_table("pairs.csv")
  for (place in seq_len(nrow(pairs))) {
    pair <- pairs[place, ]
    compare_pair(blocks, as.character(pair$first), as.character(pair$second), pair)
  }
  if ("--models" %in% commandArgs(TRUE)) mixed_models(reads, arms)
}
if (different == 0) {
  cat("All figures that were compared are the same.\n")
} else {
  cat(different, "figures are different.\n")
  quit(status = 1)
}
